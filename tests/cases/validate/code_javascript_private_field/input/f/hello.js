class A { #x = 1; }
function handle(req) {}
