function handle(req: Request): Response {
  return {status: 200};
}
