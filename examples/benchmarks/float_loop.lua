local function run(n)
  local x = 0.0
  for _ = 0, n - 1 do x = x * 0.999 + 1.25 end
  return x
end
print(run(10000000))
