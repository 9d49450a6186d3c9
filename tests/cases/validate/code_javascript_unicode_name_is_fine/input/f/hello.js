function handle(req) {
  var größe = 1;
  return {status: 200, body: größe};
}
