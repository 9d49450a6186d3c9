function handle(req) end
