module.exports = function (req) {
  return {status: 200};
};
