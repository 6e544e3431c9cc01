local function fannkuch(n)
  local perm1, count, flips, checksum, r, permutation = {}, {}, 0, 0, n, 0
  for i = 0, n - 1 do perm1[i] = i end
  while true do
    while r ~= 1 do count[r - 1] = r; r = r - 1 end
    local perm, f = {}, 0
    for i = 0, n - 1 do perm[i] = perm1[i] end
    local k = perm[0]
    while k ~= 0 do
      local low, high = 0, k
      while low < high do perm[low], perm[high] = perm[high], perm[low]; low = low + 1; high = high - 1 end
      f = f + 1
      k = perm[0]
    end
    if f > flips then flips = f end
    checksum = checksum + (permutation % 2 == 0 and f or -f)
    while true do
      if r == n then return checksum, flips end
      local first = perm1[0]
      for i = 0, r - 1 do perm1[i] = perm1[i + 1] end
      perm1[r] = first
      count[r] = count[r] - 1
      if count[r] > 0 then break end
      r = r + 1
    end
    permutation = permutation + 1
  end
end
print(fannkuch(9))
