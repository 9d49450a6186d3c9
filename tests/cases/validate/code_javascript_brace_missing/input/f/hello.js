function handle(req) {
  if (req) {
  return 1;
}
