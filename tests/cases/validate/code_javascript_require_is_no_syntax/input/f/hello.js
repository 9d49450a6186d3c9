const fs = require("fs");
function handle(req) { return {status: 200}; }
