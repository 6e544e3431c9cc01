local function a(i, j) return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1) end
local n = 250
local function times(v, transposed)
  local result = {}
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + (transposed and a(j, i) or a(i, j)) * v[j] end
    result[i] = sum
  end
  return result
end
local u, v = {}, nil
for i = 0, n - 1 do u[i] = 1.0 end
for _ = 1, 8 do
  v = times(times(u, false), true)
  u = times(times(v, false), true)
end
local uv, vv = 0.0, 0.0
for i = 0, n - 1 do uv = uv + u[i] * v[i]; vv = vv + v[i] * v[i] end
print(string.format("%.9f", (uv / vv) ^ 0.5))
