class A { m() { return 1; } }
function handle(req) { return new A().m(); }
