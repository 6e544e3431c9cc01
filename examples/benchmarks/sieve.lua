local function primes(n)
  local flags = {}
  for i = 0, n do flags[i] = true end
  flags[0], flags[1] = false, false
  for i = 2, math.floor(n ^ 0.5) do
    if flags[i] then for j = i * i, n, i do flags[j] = false end end
  end
  local found = {}
  for i = 0, n do if flags[i] then found[#found + 1] = i end end
  return found
end
print(#primes(5000000))
