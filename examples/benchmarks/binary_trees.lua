local function check(node) if not node.left then return 1 end return 1 + check(node.left) + check(node.right) end
local function make(depth)
  if depth == 0 then return {} end
  return {left = make(depth - 1), right = make(depth - 1)}
end
local long_lived, total = make(16), 0
for depth = 4, 16, 4 do
  for _ = 1, 1 << (16 - depth) do total = total + check(make(depth)) end
end
print(total, check(long_lived))
