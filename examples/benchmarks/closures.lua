local function compose(f, g) return function(x) return f(g(x)) end end
local function counter()
  local n = 0
  return function(by) n = n + by; return n end
end
local twice_plus_one = compose(function(x) return x + 1 end, function(x) return x * 2 end)
local bump = counter()
for i = 0, 1999999 do bump(twice_plus_one(i & 15)) end
print(bump(0))
