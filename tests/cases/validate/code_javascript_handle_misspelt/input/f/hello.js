function handel(req) {
  return {status: 200};
}
