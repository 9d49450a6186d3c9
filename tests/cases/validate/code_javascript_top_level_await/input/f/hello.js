const x = await fetch('/');
function handle(req) {}
