local n = 170
local function multiply(a, b)
  local columns, result = {}, {}
  for j = 1, n do
    local column = {}
    for i = 1, n do column[i] = b[i][j] end
    columns[j] = column
  end
  for i = 1, n do
    local row, out = a[i], {}
    for j = 1, n do
      local column, sum = columns[j], 0.0
      for k = 1, n do sum = sum + row[k] * column[k] end
      out[j] = sum
    end
    result[i] = out
  end
  return result
end
local a, b = {}, {}
for i = 0, n - 1 do
  a[i + 1], b[i + 1] = {}, {}
  for j = 0, n - 1 do
    a[i + 1][j + 1] = (i * j) % 7 + 0.5
    b[i + 1][j + 1] = (i + j) % 5 - 1.5
  end
end
local c, total = multiply(multiply(a, b), a), 0.0
for i = 1, n do for j = 1, n do total = total + c[i][j] end end
print(total)
