const handle = (req) => ({status: 200});
