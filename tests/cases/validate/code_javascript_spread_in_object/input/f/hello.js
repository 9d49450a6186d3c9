function handle(req) {
  return {...req, status: 200};
}
