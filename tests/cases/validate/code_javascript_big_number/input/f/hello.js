function handle(req) {
  return 10n;
}
