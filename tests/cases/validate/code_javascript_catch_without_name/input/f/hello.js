function handle(req) {
  try { return 1; } catch { return 2; }
}
