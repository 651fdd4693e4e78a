# SPDX-License-Identifier: MIT
"""What a disk may hold after a power cut, of what disk_journal.c recorded.

fsync promises a file's bytes, and a folder's names once the folder was synced; that is all. So of a file, what
came before its last sync is there, and of the rest nothing, all, a beginning (the last write of it torn),
or any pages, with holes of zeros between. Names of a folder come to the disk in their order, but the last of
them may be missing, however whole their files are."""
import os

PAGE = 4096


class Op:
    def __init__(self, kind, sequence, inode, number, data):
        self.kind, self.sequence, self.inode, self.number, self.data = kind, sequence, inode, number, data


def read_journal(path):
    with open(path, 'rb') as f:
        data = f.read()
    at, ops = 0, []
    while True:
        end = data.find(b'\n', at)
        if end < 0:
            return ops
        kind, sequence, inode, number, length = data[at:end].split(b' ')
        at = end + 1 + int(length) + 1
        if at > len(data):
            return ops # the daemon is at it
        ops.append(Op(kind.decode(), int(sequence), int(inode), int(number), data[end + 1:at - 1]))


def put(after, path, inode=0, data=None):
    """What somebody else did to the disk behind the operation of that sequence: a folder, or a whole file, and synced."""
    at = [after + eighth / 8 for eighth in range(1, 5)]
    folder = os.path.dirname(path).encode()
    if data is None:
        return [Op('M', at[0], 0, 0, path.encode()), Op('S', at[1], 0, at[1], folder)]
    return [Op('C', at[0], inode, 0, path.encode()), Op('W', at[1], inode, 0, data), Op('S', at[2], inode, at[2], b''),
            Op('S', at[3], 0, at[3], folder)]


def distinct(ops):
    """The same with a number of its own for each file: a disk gives that of one that is gone to the next."""
    newest, found = {}, []
    for op in ops:
        if op.kind == 'C':
            newest[op.inode] = op.inode, op.sequence
        found.append(Op(op.kind, op.sequence, newest.get(op.inode, op.inode), op.number, op.data))
    return found


class CrashDisk:
    """The disk at the power cut after the first `cut` operations."""

    def __init__(self, ops, cut, root):
        self.ops, self.root = ops[:cut], root
        self.file_synced, self.folder_synced = {}, {} # the sequence up to which all is safe
        for op in self.ops:
            if op.kind == 'S':
                synced, key = (self.folder_synced, op.data.decode()) if op.data else (self.file_synced, op.inode)
                synced[key] = max(synced.get(key, 0), op.number)

    # ---- names ----

    def _names(self, rng):
        """{path: inode} as the folders remember it, and the folders."""
        lost = {} # of which folder no more names are known
        names, folders, path_inode = {}, {self.root}, {}
        for op in self.ops:
            if op.kind not in 'CMUR':
                continue
            path = op.data.decode()
            if op.kind == 'R':
                source, path = path.split('\0')
            folder = os.path.dirname(path)
            if op.kind == 'C':
                path_inode[path] = op.inode
            if op.sequence >= self.folder_synced.get(folder, 0) and folder not in lost:
                lost[folder] = rng.random() < self.loss
            if lost.get(folder) and op.sequence >= self.folder_synced.get(folder, 0):
                if op.kind == 'R': # what is done later to the new name is done to that file
                    path_inode[path] = path_inode.get(source)
                continue
            if op.kind == 'C':
                names[path] = op.inode
            elif op.kind == 'M':
                folders.add(path)
            elif op.kind == 'U':
                names.pop(path, None)
            elif source in names:
                names[path] = names.pop(source)
            # each further name that is not safe may be the first that is missing
            if op.sequence >= self.folder_synced.get(folder, 0):
                lost[folder] = rng.random() < self.loss
        return names, folders

    # ---- bytes ----

    @staticmethod
    def _apply(content, op):
        if op.kind == 'T':
            if op.number < len(content):
                del content[op.number:]
            else:
                content.extend(bytes(op.number - len(content)))
            return
        end = op.number + len(op.data)
        if end > len(content):
            content.extend(bytes(end - len(content)))
        content[op.number:end] = op.data

    @staticmethod
    def _pages(op):
        """A write as the pages it touches."""
        at = op.number
        while at < op.number + len(op.data):
            end = min((at // PAGE + 1) * PAGE, op.number + len(op.data))
            yield Op('W', op.sequence, op.inode, at, op.data[at - op.number:end - op.number])
            at = end

    def _some(self, rng, ops):
        """Of what was not synced."""
        how = rng.choice(['nothing', 'all', 'beginning', 'pages'])
        if not ops or how == 'nothing':
            return []
        if how == 'all':
            return ops
        if how == 'beginning':
            kept = ops[:rng.randrange(len(ops)) + 1]
            last = kept[-1]
            if last.kind == 'W' and rng.random() < 0.7:
                kept = kept[:-1] + [Op('W', last.sequence, last.inode, last.number,
                                       last.data[:rng.randrange(len(last.data) + 1)])]
            return kept
        pages = [p for op in ops for p in (self._pages(op) if op.kind == 'W' else [op])]
        return [p for p in pages if rng.random() < 0.5]

    def _content(self, rng, inode):
        made = [i for i, op in enumerate(self.ops) if op.kind == 'C' and op.inode == inode]
        ops = [op for op in self.ops[made[-1] if made else 0:] if op.inode == inode and op.kind in 'WT']
        safe = self.file_synced.get(inode, 0)
        content = bytearray()
        for op in [op for op in ops if op.sequence < safe] + self._some(rng, [op for op in ops if op.sequence >= safe]):
            self._apply(content, op)
        return bytes(content)

    def write(self, folder, rng):
        """One disk it may be, below `folder`; the same numbers make the same one."""
        self.loss = rng.choice([0, 0.2, 1])
        names, folders = self._names(rng)
        for one in sorted(folders):
            os.makedirs(os.path.join(folder, os.path.relpath(one, self.root)), exist_ok=True)
        for path, inode in sorted(names.items()):
            target = os.path.join(folder, os.path.relpath(path, self.root))
            if os.path.isdir(os.path.dirname(target)): # a folder that is not there took its files along
                with open(target, 'wb') as f:
                    f.write(self._content(rng, inode))
