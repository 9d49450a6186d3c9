async function* g() {}
function handle(req) {}
