local M = {}
function M.handle() end
return M
