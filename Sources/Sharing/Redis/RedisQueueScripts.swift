/// What ``RedisQueue`` does inside Redis. Each script has the keys `jobs` (stream), `keys` (hash: key of a job that waits
/// to its entry) and `dead` (stream).
enum RedisQueueScripts {
    /// Arguments: capacity, payload, whether there is a key, key.
    static let add = RedisScript(
        text: """
            local jobs, keys = KEYS[1], KEYS[2]
            local capacity, payload, hasKey, key = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1', ARGV[4]
            if hasKey then
              local id = redis.call('HGET', keys, key)
              -- A Redis short of memory may have dropped the stream and kept the hash.
              if id and #redis.call('XRANGE', jobs, id, id) > 0 then return 'waiting' end
            end
            if redis.call('XLEN', jobs) >= capacity then return 'full' end
            if hasKey then
              redis.call('HSET', keys, key, redis.call('XADD', jobs, '*', 'payload', payload, 'key', key))
            else
              redis.call('XADD', jobs, '*', 'payload', payload)
            end
            return 'added'
            """)

    /// Arguments: limit, patience in milliseconds, deliveries, dead jobs kept. Returns `[id, delivery, fields]` each.
    ///
    /// XPENDING and XCLAIM where XAUTOCLAIM would do the same without saying how often a job was delivered.
    static let claim = RedisScript(
        text: """
            local jobs, keys, dead = KEYS[1], KEYS[2], KEYS[3]
            local limit, patience = tonumber(ARGV[1]), ARGV[2]
            local deliveries, deadCapacity = tonumber(ARGV[3]), ARGV[4]
            if redis.call('EXISTS', jobs) == 0 then return {} end
            local overdue = redis.pcall('XPENDING', jobs, 'servers', 'IDLE', patience, '-', '+', limit)
            if overdue.err then
              redis.call('XGROUP', 'CREATE', jobs, 'servers', '0')
              overdue = {}
            end
            local claimed = {}
            for _, pending in ipairs(overdue) do
              local id, delivered = pending[1], pending[4]
              local entry = redis.call('XRANGE', jobs, id, id)[1]
              if entry and delivered < deliveries then
                redis.call('XCLAIM', jobs, 'servers', 'server', '0', id)
                claimed[#claimed + 1] = {id, delivered + 1, entry[2]}
              else
                if entry then
                  redis.call('XADD', dead, 'MAXLEN', '~', deadCapacity, '*', unpack(entry[2]))
                end
                redis.call('XACK', jobs, 'servers', id)
                redis.call('XDEL', jobs, id)
              end
            end
            if #claimed == limit then return claimed end
            local new = redis.call('XREADGROUP', 'GROUP', 'servers', 'server',
              'COUNT', limit - #claimed, 'STREAMS', jobs, '>')
            for _, entry in ipairs(new and new[1][2] or {}) do
              local id, fields = entry[1], entry[2]
              claimed[#claimed + 1] = {id, 1, fields}
              local key = fields[4]
              if key and redis.call('HGET', keys, key) == id then redis.call('HDEL', keys, key) end
            end
            return claimed
            """)

    /// Arguments: id, delivery. Returns 1 when the claim still held.
    static let renew = RedisScript(
        text: """
            local pending = redis.pcall('XPENDING', KEYS[1], 'servers', ARGV[1], ARGV[1], 1)
            if pending.err or not pending[1] or pending[1][4] ~= tonumber(ARGV[2]) then return 0 end
            redis.call('XCLAIM', KEYS[1], 'servers', 'server', '0', ARGV[1], 'JUSTID')
            return 1
            """)

    /// Argument: id. Both at once: an entry that is acknowledged but not deleted would count as waiting for ever.
    static let acknowledge = RedisScript(
        text: """
            redis.call('XACK', KEYS[1], 'servers', ARGV[1])
            return redis.call('XDEL', KEYS[1], ARGV[1])
            """)

    /// Returns the lengths: jobs, those of them in hand, dead.
    static let figures = RedisScript(
        text: """
            local pending = redis.pcall('XPENDING', KEYS[1], 'servers')
            local claimed = not pending.err and pending[1] or 0
            return {redis.call('XLEN', KEYS[1]), claimed, redis.call('XLEN', KEYS[3])}
            """)
}
