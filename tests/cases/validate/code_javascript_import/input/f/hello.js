import fs from 'fs';
function handle(req) { return {status: 200}; }
