local function inside(cr, ci)
  local zr, zi = 0.0, 0.0
  for _ = 1, 50 do
    zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
    if zr * zr + zi * zi > 4.0 then return false end
  end
  return true
end
local n, total = 420, 0
for y = 0, n - 1 do
  for x = 0, n - 1 do
    if inside(2.0 * x / n - 1.5, 2.0 * y / n - 1.0) then total = total + 1 end
  end
end
print(total)
