handle = (req) => 1
