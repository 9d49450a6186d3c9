exports.handle = function (req) { return {status: 200}; };
