function handle(req) {
  let a = `x${req.path}`;
  return {status: 200, body: a};
}
