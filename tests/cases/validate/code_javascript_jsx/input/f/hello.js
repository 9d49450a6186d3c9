function handle(req) {
  return <h1>hi</h1>;
}
