function handle(req) { return {status: 200}; }
