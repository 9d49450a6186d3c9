function handle(req) {
  return 1_000;
}
