/** The state file: what it holds, and that it is the one the daemon left. */
import { ofFamily } from './entry';

export const STORE_ERRORS = ofFamily('store', {
  DAEMON_ENDED: {
    means:
      'A command watched work that a daemon does, and the daemon ended before the work. What was done is kept, and the work stays in the state file: the daemon goes on with it at its next start.',
    next: 'start the daemon again; or run the same command once more, which then does the work itself (`backfill` with --resume)',
  },
  STORE_FULL: {
    means:
      'The disk of the state file is full, or a quota is reached. A running daemon stops reading, keeps what it has and tries again each second; a start ends. Nothing captured is lost, and nothing is read that could not be written down.',
    next: 'make room on the disk of `state:` (or raise the quota), or move the folder to a larger one while the daemon is stopped',
  },
  STORE_OPEN: {
    means: 'The state file cannot be opened or created.',
    next: 'check that the folder of `state:` exists or can be made, and that this user may write there',
  },
  STORE_BUSY: {
    means:
      'Another process held the state file for longer than five seconds, for example a copy program or an SQLite shell.',
    next: 'end the program that holds it open (`fuser -v` on the file names it), then start again',
  },
  STORE_READONLY: {
    means: 'The state file cannot be written by this user, or its disk is mounted read-only.',
    next: 'give the file and the files beside it (-wal, -shm) to the user of the daemon, and look at the mount',
  },
  STORE_NOT_A_DATABASE: {
    means: 'The file named by `state:` does not begin as a state file does. It was left as it is.',
    next: 'check `state:`; if the file was overwritten, restore it: docs/backup.md',
  },
  STORE_CORRUPT: {
    means: 'SQLite finds the state file damaged. The daemon stopped rather than go on from a position it cannot trust.',
    next: 'stop the daemon, keep the file and what is beside it for a look, restore a backup (docs/backup.md), and look after the disk',
  },
  STORE_IO: {
    means: 'The disk of the state file reports an error.',
    next: 'see the log of the system (dmesg); when the disk is sound again start the daemon, which goes on where it was',
  },
  SQLITE_DRIVER: {
    means:
      'No SQLite driver fits this Node on this machine. better-sqlite3 brings a compiled part for Linux, macOS and Windows on x64 and arm64, and needs Node 22.14; elsewhere better-sqlite3 12 stands in, which npm leaves out with --omit=optional or where it could not be compiled.',
    next: 'use Node 22.14 or later; or `npm install better-sqlite3-12@npm:better-sqlite3@12`, which needs a C++ compiler where no compiled one can be fetched',
  },
  STORE_IN_USE: {
    means:
      'Another daemon uses the same state file. Two of them would send everything twice, so the second does not start.',
    next: 'stop the other one first, or give this one its own `state:` file',
  },
  STORE_NEWER: {
    means:
      'The state file was written by a newer version of ibmi-cdc, which may keep things this one does not know. It was left as it is.',
    next: 'run that version or a later one; to go back, restore the backup made before the upgrade',
  },
  STATE_DELETED: {
    means:
      'The state file was deleted while the daemon had it open. What is written now would be lost, so the daemon stops.',
    next: 'put the file back or restore a backup (docs/backup.md), then start again',
  },
  STATE_REPLACED: {
    means: 'Another file lies where the state file was while the daemon had it open, so the daemon stops.',
    next: 'restore a backup with the daemon stopped (docs/backup.md), then start again',
  },
  STATE_MOUNTED: {
    means:
      'The state file is mounted into a container by itself. What belongs to it, its -wal and its .mark, would lie in a folder of the container and be lost with it, and the file could not be replaced by a restored one. Nothing was opened.',
    next: 'mount the folder of the state file instead; stop the former container in good order first (docker stop), or take its -wal along',
  },
  OUTBOX_SEALED: {
    means:
      'A stored payload cannot be opened: the key of encryption at rest is missing or not the one it was written with. It is not sent and not thrown away.',
    next: 'configure the key the state file was written with; what was written under a lost key can only be read again from the journal',
  },
});

export const POSITION_ERRORS = ofFamily('positionLost', {
  POSITION_LOST: {
    means:
      'Journal entries between the checkpoint and the oldest entry that can still be read are proved gone: their receiver was deleted, or the journal was made anew. The daemon stops, because going on by itself would be a silent gap. The message says what each choice would cost.',
    next: 'decide, set policies.positionLost (earliest, latest, backfill), start again, and set it back to stop; to keep receivers: CHGJRN JRN(LIB/JRN) DLTRCV(*NO)',
  },
  REPLAY_GONE: {
    means:
      'A replay from the journal wants entries that its receivers no longer hold: they were deleted, freed or saved away. The message names them; nothing was sent.',
    next: 'replay what is left with --available, restore the receivers, or send the rows as they are now with `backfill`',
  },
  STATE_GONE: {
    means:
      'The state file is gone, and what lies beside it says that it was in use. Beginning anew would skip what changed since, so nothing was started.',
    next: 'put it back or restore a backup (docs/backup.md); or begin anew: ibmi-cdc resume --state accept',
  },
  STATE_EMPTY: {
    means: 'The state file is empty or holds nothing, and is not taken for a new one, for the same reason.',
    next: 'restore a backup (docs/backup.md); or begin anew: ibmi-cdc resume --state accept',
  },
  STATE_CUT: {
    means:
      'The state file is not whole: commits that it had are missing, for example because it was copied without its -wal file, an older copy was put in its place, or the -wal file was cut.',
    next: 'put back what is missing or restore a backup (docs/backup.md); or go on with what it holds, which repeats events under the same ids: ibmi-cdc resume --state accept',
  },
  STATE_FOREIGN_LOG: {
    means:
      'The -wal file beside the state file belongs to another one. Together they would be a mixture, so neither was opened.',
    next: 'put back the file that the log belongs to; or set the log aside: ibmi-cdc resume --state accept',
  },
  KAFKA_POSITION_FOREIGN: {
    means:
      'The position committed in the Kafka cluster is of another life of this state file: the file is a copy or was restored, and a later life may have sent what waits here. The destination stands still, since sending could repeat what exactly-once promises not to.',
    next: 'put back the latest state file; or decide: ibmi-cdc resume --destination NAME --position repeat (sends it, again or not), or skip (takes it as sent)',
  },
});
