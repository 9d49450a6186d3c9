def handle(req) {
    return 1
}
