function* g() { yield 1; }
function handle(req) { return {status: 200}; }
