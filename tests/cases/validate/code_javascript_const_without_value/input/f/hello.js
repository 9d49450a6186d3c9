function handle(req) {
  const a;
}
