/**
 * The Lua scripts of the directory in Redis. Each runs as one atomic operation on one partition and names all its keys. See `keys.ts` for
 * the keys.
 *
 * - meta: hash. `e` is the last epoch. For an incarnation I: `I` is its node, `Il` the end of its lease in microseconds of the store's
 *   clock, `Iq` the number of its counted operations, `Ik` the number of kicks sent to it, `Ic` the number of its names, `If` its fence, `Iw`
 *   until when another gate sweeps it
 * - leases: sorted set of incarnations by the end of their leases, to find those that have lapsed
 * - names: hash of names. The value has three words for each holder, the lowest epoch first: incarnation, epoch (hexadecimal), session
 * - index: hash of the names of one incarnation. The field is the epoch, the value one digit (which of 16 names hashes) and the name. It
 *   may list names that another gate has taken; `names` decides.
 */

const prelude = `
local leases, meta, inc = KEYS[1], KEYS[2], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function whole(number) return string.format('%.0f', number) end

local leaseEnds = {}
local function leaseEnd(one)
  local known = leaseEnds[one]
  if not known then
    known = tonumber(redis.call('HGET', meta, one .. 'l') or 0)
    leaseEnds[one] = known
  end
  return known
end

local function extend(one, ends)
  redis.call('ZADD', leases, ends, one)
  redis.call('HSET', meta, one .. 'l', ends)
end

local function wordsOf(one, epoch, session)
  return one .. ' ' .. string.format('%x', epoch) .. ' ' .. session
end

local function isFenced(fence, stored)
  if fence < stored then return true end
  if fence > stored then redis.call('HSET', meta, inc .. 'f', fence) end
  return false
end

local function milliseconds(ends) return math.max(0, math.ceil((ends - now) / 1000)) end
`;

/** Reading and writing the holders of a name. */
const holders = `
local function holdersOf(value)
  local all = {}
  for one, epoch, session in string.gmatch(value or '', '(%S+) (%S+) (%S+)') do
    all[#all + 1] = { one, tonumber(epoch, 16), session }
  end
  return all
end

local function liveOf(value)
  local live, dead = {}, {}
  for _, entry in ipairs(holdersOf(value)) do
    local list = leaseEnd(entry[1]) > now and live or dead
    list[#list + 1] = entry
  end
  return live, dead
end

local function positionOf(entries, one, epoch)
  for at, entry in ipairs(entries) do
    if entry[1] == one and entry[2] == epoch then return at end
  end
end

local function write(key, name, entries)
  if #entries == 0 then return redis.call('HDEL', key, name) end
  local words = {}
  for _, entry in ipairs(entries) do
    words[#words + 1] = wordsOf(entry[1], entry[2], entry[3])
  end
  redis.call('HSET', key, name, table.concat(words, ' '))
end

local function countName(one, change)
  if redis.call('HEXISTS', meta, one) == 1 then redis.call('HINCRBY', meta, one .. 'c', change) end
end

-- Holders that lose their place. A lease that has ended stays so, even if the clock of the store goes back.
local function forget(entries)
  for _, entry in ipairs(entries) do
    countName(entry[1], -1)
    if leaseEnd(entry[1]) <= now and redis.call('ZADD', leases, 'XX', 'CH', 0, entry[1]) == 1 then
      redis.call('HSET', meta, entry[1] .. 'l', 0)
    end
  end
end

local nodes = {}
local function describe(reply, entry)
  local one = entry[1]
  nodes[one] = nodes[one] or redis.call('HGET', meta, one) or ''
  reply[#reply + 1] = one
  reply[#reply + 1] = nodes[one]
  reply[#reply + 1] = entry[2]
  reply[#reply + 1] = entry[3]
  reply[#reply + 1] = milliseconds(leaseEnd(entry[1]))
end
`;

/** Telling a gate that another one has its name. */
const kicks = `
local cluster, partition = string.match(meta, '^{(.*):(%d+)}')

local function kick(entry, epoch, name)
  local one = entry[1]
  local number = redis.call('HINCRBY', meta, one .. 'k', 1)
  countName(one, -1)
  local owners = redis.call('HMGET', meta, one, inc)
  if not owners[1] then return end
  redis.call('PUBLISH', cluster .. ':n:' .. owners[1], table.concat({
    'k', partition, one, number, whole(entry[2]), entry[3], owners[2] or '', whole(epoch), name
  }, ' '))
end
`;

/** KEYS leases, meta; ARGV node, lease. */
const join = `${prelude}
local epoch = math.max(tonumber(redis.call('HGET', meta, 'e') or 0) + 1, now)
local new = string.format('%x', epoch)
extend(new, whole(now + ARGV[2]))
redis.call('HSET', meta, 'e', whole(epoch), new, inc)
return { new }
`;

/** KEYS leases, meta; ARGV incarnation, lease. */
const renew = `${prelude}
if leaseEnd(inc) <= now then return { 'lapsed' } end
local ends = whole(now + ARGV[2])
extend(inc, ends)
if redis.call('ZCOUNT', leases, '(' .. ends, '+inf') > 0 then
  for _, one in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. ends, '+inf')) do
    extend(one, ends)
  end
end
local counts = redis.call('HMGET', meta, inc .. 'q', inc .. 'k')
local reply = { 'renewed', tonumber(counts[1] or 0), tonumber(counts[2] or 0) }
for _, one in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', whole(now), 'LIMIT', 0, 64)) do
  if tonumber(redis.call('HGET', meta, one .. 'w') or 0) <= now then
    redis.call('HSET', meta, one .. 'w', ends)
    reply[#reply + 1] = one
  end
end
return reply
`;

/** KEYS leases, meta, names, index; ARGV incarnation, fence, name, session, cap, 1 for takeover, digit. */
const claim = `${prelude}
local names, index, name, cap = KEYS[3], KEYS[4], ARGV[3], tonumber(ARGV[5])
local own = redis.call('HMGET', meta, inc .. 'l', 'e', inc .. 'q', inc .. 'c', inc .. 'f')
if tonumber(own[1] or 0) <= now then return { 'lapsed' } end
if isFenced(tonumber(ARGV[2]), tonumber(own[5] or 0)) then return { 'stale' } end
local q, count = (own[3] or 0) + 1, (own[4] or 0) + 1
local epoch = math.max((own[2] or 0) + 1, now)
local field = whole(epoch)
local value = redis.call('HGET', names, name)
if not value then
  redis.call('HSET', meta, 'e', field, inc .. 'q', q, inc .. 'c', count)
  redis.call('HSET', names, name, wordsOf(inc, epoch, ARGV[4]))
  redis.call('HSET', index, field, ARGV[7] .. name)
  return { 'granted', q, epoch }
end
${holders}${kicks}
local live, dead = liveOf(value)
if #live >= cap and ARGV[6] ~= '1' then
  local reply = { 'held', q - 1 }
  for _, entry in ipairs(live) do describe(reply, entry) end
  return reply
end
local reply = { 'granted', q, epoch }
if #live >= cap then
  local victim = table.remove(live, 1)
  describe(reply, victim)
  if victim[1] == inc then
    redis.call('HDEL', index, whole(victim[2]))
    count = count - 1
  else
    kick(victim, epoch, name)
  end
end
forget(dead)
live[#live + 1] = { inc, epoch, ARGV[4] }
redis.call('HSET', meta, 'e', field, inc .. 'q', q, inc .. 'c', count)
write(names, name, live)
redis.call('HSET', index, field, ARGV[7] .. name)
return reply
`;

/**
 * KEYS leases, meta, index, 16 names; ARGV incarnation, fence, then for each name: digit, name, session, epoch, cap.
 */
const reassert = `${prelude}${holders}${kicks}
local index = KEYS[3]
if leaseEnd(inc) <= now then return { 'lapsed' } end
local own = redis.call('HMGET', meta, 'e', inc .. 'q', inc .. 'f')
if isFenced(tonumber(ARGV[2]), tonumber(own[3] or 0)) then return { 'stale' } end
local q, last = tonumber(own[2] or 0) + 1, tonumber(own[1] or 0)
local reply = { 'reasserted', q }
for at = 3, #ARGV, 5 do
  local digit, name, session = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local epoch, cap = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local key = KEYS[4 + tonumber(digit, 16)]
  local live, dead = liveOf(redis.call('HGET', key, name))
  local isHeld = positionOf(live, inc, epoch) ~= nil
  if not isHeld then
    for other = #live, 1, -1 do
      if live[other][2] == epoch then dead[#dead + 1] = table.remove(live, other) end
    end
    if #live >= cap and live[1][2] > epoch then
      reply[#reply + 1] = session
    else
      if #live >= cap then
        local victim = table.remove(live, 1)
        if victim[1] == inc then redis.call('HDEL', index, whole(victim[2])) end
        kick(victim, epoch, name)
      end
      forget(dead)
      local place = 1
      while live[place] and live[place][2] < epoch do place = place + 1 end
      table.insert(live, place, { inc, epoch, session })
      write(key, name, live)
      countName(inc, 1)
      isHeld = true
    end
  end
  if isHeld then redis.call('HSET', index, whole(epoch), digit .. name) end
  last = math.max(last, epoch)
end
redis.call('HSET', meta, 'e', whole(last), inc .. 'q', q)
return reply
`;

/**
 * KEYS leases, meta, names, index; ARGV incarnation, name, session, epoch, and 1 to release; otherwise only an entry of the index that
 * `names` no longer has is removed.
 */
const release = `${prelude}${holders}
local names, index, name, epoch = KEYS[3], KEYS[4], ARGV[2], tonumber(ARGV[4])
if leaseEnd(inc) <= now then return { 'lapsed' } end
local entries = holdersOf(redis.call('HGET', names, name))
local at = positionOf(entries, inc, epoch)
if not at then redis.call('HDEL', index, whole(epoch)) end
if ARGV[5] ~= '1' then return { 'tidy' } end
if at and entries[at][3] == ARGV[3] then
  table.remove(entries, at)
  write(names, name, entries)
  redis.call('HDEL', index, whole(epoch))
  countName(inc, -1)
end
return { 'released', redis.call('HINCRBY', meta, inc .. 'q', 1) }
`;

/**
 * A page of the index. KEYS leases, meta, index, 16 names; ARGV incarnation, cursor, fence, and 1 to sweep what it lists. The names of a
 * live incarnation are not swept.
 */
const page = `${prelude}${holders}
local index, isSweep = KEYS[3], ARGV[4] == '1'
if isSweep and leaseEnd(inc) > now then return { 'live' } end
local own = redis.call('HMGET', meta, inc .. 'q', inc .. 'f', inc)
if own[3] and tonumber(ARGV[3]) > tonumber(own[2] or 0) then
  redis.call('HSET', meta, inc .. 'f', ARGV[3])
end
local scan = redis.call('HSCAN', index, ARGV[2], 'COUNT', 200)
local fields = scan[2]
local reply = { 'page', tonumber(own[1] or 0), scan[1] }
for at = 1, #fields, 2 do
  local key = KEYS[4 + tonumber(string.sub(fields[at + 1], 1, 1), 16)]
  local name, epoch = string.sub(fields[at + 1], 2), tonumber(fields[at])
  local entries = holdersOf(redis.call('HGET', key, name))
  local found = positionOf(entries, inc, epoch)
  if found then
    reply[#reply + 1] = name
    reply[#reply + 1] = entries[found][3]
    reply[#reply + 1] = epoch
    if isSweep then
      table.remove(entries, found)
      write(key, name, entries)
      countName(inc, -1)
    end
  end
  if isSweep or not found then redis.call('HDEL', index, fields[at]) end
end
return reply
`;

/** Forgets a swept incarnation. KEYS leases, meta, all its indexes; ARGV incarnation. */
const forget = `${prelude}
if leaseEnd(inc) > now then return { 'live' } end
for at = 3, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 1 then return { 'names' } end
end
redis.call('ZREM', leases, inc)
redis.call('HDEL', meta, inc, inc .. 'l', inc .. 'q', inc .. 'k', inc .. 'c', inc .. 'f', inc .. 'w')
return { 'forgotten' }
`;

/** Ends a lease. KEYS leases, meta; ARGV incarnation. */
const lapse = `
if redis.call('ZADD', KEYS[1], 'XX', 'CH', 0, ARGV[1]) == 1 then
  redis.call('HSET', KEYS[2], ARGV[1] .. 'l', 0)
end
return { 'lapsed' }
`;

/** KEYS leases, meta. */
const list = `${prelude}
local reply = {}
local all = redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
for at = 1, #all, 2 do
  local facts = redis.call('HMGET', meta, all[at], all[at] .. 'c')
  reply[#reply + 1] = all[at]
  reply[#reply + 1] = facts[1] or ''
  reply[#reply + 1] = milliseconds(tonumber(all[at + 1]))
  reply[#reply + 1] = tonumber(facts[2] or 0)
end
return reply
`;

/** KEYS leases, meta, names; ARGV empty, name. */
const find = `${prelude}${holders}
local reply = {}
for _, entry in ipairs((liveOf(redis.call('HGET', KEYS[3], ARGV[2])))) do describe(reply, entry) end
return reply
`;

/** KEYS settings; ARGV settings. */
const agree = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return { redis.call('GET', KEYS[1]) }
`;

/** Needs the permissions of the others and changes nothing. KEYS meta; ARGV channel. */
const probe = `
redis.call('PUBLISH', ARGV[1], '')
redis.call('HDEL', KEYS[1], '-')
return redis.call('TIME')
`;

/** By name. */
export const redisScripts = {
  ...{ join, renew, claim, reassert, release, page, forget, lapse, list, find, agree, probe },
};

export type RedisScript = keyof typeof redisScripts;
