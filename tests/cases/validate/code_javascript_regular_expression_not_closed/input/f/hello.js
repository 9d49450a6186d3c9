function handle(req) {
  return /abc;
}
