function handle(req) {
  a: for (;;) { break a; }
  return {status: 200};
}
