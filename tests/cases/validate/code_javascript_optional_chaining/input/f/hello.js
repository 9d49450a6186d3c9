function handle(req) {
  return {status: req?.status ?? 200};
}
