function handle(req) {
  return {status: 200 body: "x"};
}
