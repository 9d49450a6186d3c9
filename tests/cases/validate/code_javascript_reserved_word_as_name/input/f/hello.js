function handle(req) {
  var class = 1;
}
