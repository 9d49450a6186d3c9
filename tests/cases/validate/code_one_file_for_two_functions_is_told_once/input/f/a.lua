function handle(req
end
