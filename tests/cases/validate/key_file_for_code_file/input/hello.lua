function handle(req)
  return {status = 200}
end
