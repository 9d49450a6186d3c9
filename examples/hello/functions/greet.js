// Answers with a greeting: /demo/api/greet?name=Ada
function handle(req) {
  var name = (req.query && req.query.name) || "world";
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ greeting: "Hello, " + name + "!" })
  };
}
