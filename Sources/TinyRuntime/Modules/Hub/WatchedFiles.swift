// The files that an event loop watches, and epoll.
//
// What epoll is told lags behind: a watcher that is started or stopped only notes that its file has changed, and the
// loop tells epoll before it waits. A connection that is read, answered and waited for again within one round costs no call
// besides those for its data.
//
// A descriptor may be closed and come back as another file without a word to us. So the first start of each watcher
// makes the loop tell epoll in any case, and an event that nobody waits for is answered by taking the descriptor out.
import CTiny
import Glibc

struct WatchedFiles {
    struct File {
        /// Active watchers.
        var first = Value.none
        var more: [Value] = []
        /// What epoll was told.
        var told: UInt32 = 0
        var isChanged = false
        var isRenewed = false
        /// epoll refuses it because it can always be read and written.
        var isAlwaysReady = false
    }

    private(set) var files: [File] = []
    private var changed: [Int32] = []
    private(set) var descriptor: Int32 = -1
    /// What other threads write to, to wake the loop.
    private(set) var wakeup: Int32 = -1
    /// A timer that tells when nothing has come for a while, once it was set; what it has told.
    private var alarm: Int32 = -1
    private var isAlarmSet = false
    private var isQuiet = false
    private var hasRung = false
    private var buffer: UnsafeMutablePointer<epoll_event>?
    private static let bufferSize: Int32 = 64
    private var watched = 0
    /// In epoll's wait, without the GIL.
    private(set) var isWaiting = false

    /// Whether there is anything to wait for besides times.
    var isNeeded: Bool { watched > 0 || wakeup >= 0 }

    func trace(_ marker: inout Marker) {
        for file in files {
            marker.mark(file.first)
            for watcher in file.more { marker.mark(watcher) }
        }
    }

    /// The watcher is active from now on.
    mutating func add(_ watcher: InstanceRef, _ number: Int, isNew: Bool) {
        while files.count <= number { files.append(File()) }
        if files[number].first.isNone { files[number].first = Value(watcher) } else { files[number].more.append(Value(watcher)) }
        watched += 1
        if isNew { files[number].isRenewed = true }
        note(number)
    }

    mutating func remove(_ watcher: InstanceRef, _ number: Int) {
        guard number >= 0, number < files.count else { return }
        if files[number].first == Value(watcher) {
            files[number].first = files[number].more.popLast() ?? .none
        } else if let place = files[number].more.firstIndex(of: Value(watcher)) {
            files[number].more.remove(at: place)
        } else {
            return
        }
        watched -= 1
        note(number)
    }

    private mutating func note(_ number: Int) {
        if files[number].isChanged { return }
        files[number].isChanged = true
        changed.append(Int32(truncatingIfNeeded: number))
    }

    private func wanted(_ file: File) -> UInt32 {
        var mask = file.first.isNone ? 0 : HubWatchers.mask(of: file.first.object(Instance.self))
        for watcher in file.more { mask |= HubWatchers.mask(of: watcher.object(Instance.self)) }
        return mask
    }

    private mutating func open() throws(Raised) {
        if descriptor >= 0 { return }
        descriptor = epoll_create1(Int32(O_CLOEXEC))
        guard descriptor >= 0 else { throw osError(errno) }
        if buffer == nil { buffer = .allocate(capacity: Int(Self.bufferSize)) }
    }

    /// From now on other threads may wake the loop.
    mutating func prepareWakeup() throws(Raised) {
        if wakeup >= 0 { return }
        try open()
        wakeup = tiny_wakeup_descriptor()
        guard wakeup >= 0 else { throw osError(errno) }
        if Int(wakeup) < files.count { files[Int(wakeup)].told = 0 }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = wakeup
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, wakeup, &event) == 0 else { throw osError(errno) }
    }

    /// The next wait is to end after so many milliseconds, if nothing comes. One alarm serves many waits: a time of its own would
    /// cost each of them the setting of a timer, more than all else that a short wait costs.
    mutating func setAlarm(_ milliseconds: Int32) throws(Raised) {
        if isAlarmSet { return }
        if alarm < 0 {
            try open()
            let made = tiny_timerfd_create(CLOCK_MONOTONIC, O_CLOEXEC | O_NONBLOCK)
            guard made >= 0 else { throw osError(errno) }
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.fd = made
            guard epoll_ctl(descriptor, EPOLL_CTL_ADD, made, &event) == 0 else {
                let code = errno
                Glibc.close(made)
                throw osError(code)
            }
            alarm = made
            if Int(made) < files.count { files[Int(made)].told = 0 }
        }
        var time = itimerspec()
        time.it_value.tv_nsec = Int(milliseconds) * 1_000_000
        guard tiny_timerfd_settime(alarm, 0, &time, nil) == 0 else { throw osError(errno) }
        (isAlarmSet, isQuiet) = (true, true)
    }

    /// Whether the alarm has ended the last wait and nothing has come since it was set. It is to be set anew.
    mutating func wasQuiet() -> Bool {
        defer { hasRung = false }
        return hasRung && isQuiet
    }

    /// Wakes the loop if it waits. Any thread may call it.
    func wake() {
        guard wakeup >= 0 else { return }
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    /// Tells epoll what has changed. Watchers of files that are always ready go to `firing`.
    mutating func tell(_ firing: Deque) throws(Raised) {
        guard !changed.isEmpty else { return }
        try open()
        var index = 0
        while index < changed.count {
            let number = changed[index]
            index += 1
            let place = Int(number)
            files[place].isChanged = false
            // A file that was closed; its number is ours now.
            if number == wakeup || number == descriptor || number == alarm { continue }
            let mask = wanted(files[place])
            let told = files[place].told
            let isRenewed = files[place].isRenewed
            files[place].isRenewed = false
            if isRenewed { files[place].isAlwaysReady = false }
            if files[place].isAlwaysReady {
                fireAll(place, firing)
                continue
            }
            if mask == told, !isRenewed { continue }
            files[place].told = mask
            if mask == 0 {
                _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, number, nil)
                continue
            }
            var event = epoll_event()
            event.events = mask
            event.data.fd = number
            var result = epoll_ctl(descriptor, told == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, number, &event)
            if result != 0, errno == ENOENT { result = epoll_ctl(descriptor, EPOLL_CTL_ADD, number, &event) }
            if result != 0, errno == EEXIST { result = epoll_ctl(descriptor, EPOLL_CTL_MOD, number, &event) }
            if result == 0 { continue }
            // A regular file, or none at all any more: whoever reads or writes it will be told.
            files[place].told = 0
            files[place].isAlwaysReady = errno == EPERM
            fireAll(place, firing)
        }
        changed.removeAll(keepingCapacity: true)
    }

    private func fireAll(_ place: Int, _ firing: Deque) {
        if !files[place].first.isNone { firing.append(files[place].first) }
        for watcher in files[place].more { firing.append(watcher) }
    }

    /// Waits for so many milliseconds (-1: for ever) and puts the watchers of what is ready into `firing`.
    mutating func wait(_ milliseconds: Int32, _ firing: Deque) throws(Raised) {
        try open()
        let descriptor = self.descriptor
        guard let events = buffer else { return }
        var code: Int32 = 0
        func call() -> Int32 {
            let result = epoll_wait(descriptor, events, Self.bufferSize, milliseconds)
            code = errno
            return result
        }
        isWaiting = milliseconds != 0
        let count = milliseconds == 0 ? call() : Threads.blocking { call() }
        isWaiting = false
        if count < 0 {
            guard code == EINTR else { throw osError(code) }
            return
        }
        for index in 0 ..< Int(count) {
            let number = events[index].data.fd
            if number == wakeup || number == alarm {
                var value: UInt64 = 0
                _ = read(number, &value, 8)
                if number == wakeup { isQuiet = false } else { (isAlarmSet, hasRung) = (false, true) }
                continue
            }
            isQuiet = false
            dispatch(Int(number), events[index].events, firing)
        }
    }

    private mutating func dispatch(_ place: Int, _ events: UInt32, _ firing: Deque) {
        let isKnown = place >= 0 && place < files.count && !files[place].first.isNone
        guard isKnown else {
            // Nobody waits for it: out with it. What can't be taken out was closed while a copy of it stayed open.
            if place >= 0, place < files.count { files[place].told = 0 }
            if epoll_ctl(descriptor, EPOLL_CTL_DEL, Int32(truncatingIfNeeded: place), nil) != 0 { renew() }
            return
        }
        let isReadable = events & ~EPOLLOUT.rawValue != 0
        let isWritable = events & ~EPOLLIN.rawValue != 0
        func consider(_ watcher: Value) {
            let mask = HubWatchers.mask(of: watcher.object(Instance.self))
            if mask & EPOLLIN.rawValue != 0 && isReadable || mask & EPOLLOUT.rawValue != 0 && isWritable { firing.append(watcher) }
        }
        consider(files[place].first)
        for watcher in files[place].more { consider(watcher) }
    }

    /// A new epoll, told everything anew.
    mutating func renew() {
        close()
        for place in files.indices {
            files[place].told = 0
            files[place].isAlwaysReady = false
            if !files[place].first.isNone { note(place) }
        }
        closeAlarm()
        guard wakeup >= 0 else { return }
        Glibc.close(wakeup)
        wakeup = -1
        // Without descriptors left nobody can be woken; the next wait says so.
        try? prepareWakeup()
    }

    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private mutating func closeAlarm() {
        if alarm >= 0 { Glibc.close(alarm) }
        (alarm, isAlarmSet, hasRung) = (-1, false, false)
    }

    /// The loop is gone.
    mutating func end() {
        close()
        closeAlarm()
        if wakeup >= 0 { Glibc.close(wakeup) }
        wakeup = -1
        buffer?.deallocate()
        buffer = nil
        files.removeAll()
        changed.removeAll()
        watched = 0
    }
}

extension EventLoop {
    /// Waits until something happens or until a time; 0: only looks. False: nothing ever can.
    func wait(_ deadline: UInt64?, _ t: ThreadRef) throws(Raised) -> Bool {
        do {
            try files.tell(firing)
            let mayWait = firing.count == 0 && deadline != 0
            guard files.isNeeded else {
                guard mayWait else { return true }
                guard let deadline else { return false }
                sleeper = ScriptTask.current()
                defer { sleeper = nil }
                _ = try Threads.park(Wait(.sleep, until: deadline))
                return true
            }
            DirtyStreams.flushAll()
            if !mayWait {
                try files.wait(0, firing)
            } else if let deadline {
                if Clock.isVirtual {
                    try files.wait(0, firing)
                    if firing.count == 0 { _ = try Threads.park(Wait(.sleep, until: deadline)) }
                } else {
                    let now = Clock.now()
                    let left = deadline > now ? min((deadline - now + 999_999) / 1_000_000, 1_000_000_000) : 0
                    if try isOverAfterIdling(Int32(truncatingIfNeeded: left)) { return ready.count > 0 ? true : try wait(deadline, t) }
                }
            } else if try isOverAfterIdling(-1) {
                return ready.count > 0 ? true : try wait(deadline, t)
            }
            try Signals.handleArrived()
        } catch { try report(.none, t) }
        return true
    }

    /// Ends the loop's wait. Any thread may call it, with the GIL. A loop that nobody said would be woken has no descriptor for
    /// that: it gets one while it waits, or it sleeps without epoll.
    func wake() throws(Raised) {
        if files.isWaiting { try files.prepareWakeup() }
        files.wake()
        if let sleeper { Threads.unpark(sleeper) }
    }

    /// Waits for files. Whether the wait was cut short for a collection, in which nothing came.
    private func isOverAfterIdling(_ milliseconds: Int32) throws(Raised) -> Bool {
        guard IdleCollection.isDue(milliseconds) else {
            try files.wait(milliseconds, firing)
            return false
        }
        if milliseconds < 0 {
            try files.setAlarm(IdleCollection.patience)
            try files.wait(-1, firing)
        } else {
            try files.wait(IdleCollection.patience, firing)
        }
        let isOver = firing.count == 0
        guard milliseconds < 0 ? files.wasQuiet() && isOver : isOver else { return false }
        try Signals.handleArrived()
        try IdleCollection.run()
        return true
    }
}
