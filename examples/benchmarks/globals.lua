count = 0
local function bump(n) for _ = 1, n do count = count + 1 end end
bump(8000000)
print(count)
