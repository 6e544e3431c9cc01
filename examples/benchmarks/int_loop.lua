local function run(n)
  local total, i = 0, 0
  while i < n do
    total = total + (i & 7)
    i = i + 1
  end
  return total
end
print(run(8000000))
