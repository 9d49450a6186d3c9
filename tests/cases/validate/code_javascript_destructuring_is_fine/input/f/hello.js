function handle({path, method}) {
  const [a, ...b] = [1, 2, 3];
  return {status: 200, path, b};
}
