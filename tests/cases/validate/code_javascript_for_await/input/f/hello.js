async function handle(req) {
  for await (const x of req) {}
}
