/** The HTTP API, the tokens that open it, and the command line as its client. */
import { ofFamily } from './entry';

export const API_ERRORS = {
  ...ofFamily('config', {
    API_TOKEN: {
      means:
        'A request to the HTTP API brings no token, or one that was revoked, has expired, or never was. Answered with 401. Nothing was done.',
      next: 'send `Authorization: Bearer TOKEN`; `ibmi-cdc token create --name NAME --role viewer` makes one',
    },
    API_ROLE: {
      means: 'The role of the token does not allow what was asked for. Answered with 403. Nothing was done.',
      next: 'use a token of the role that the message names: `ibmi-cdc token list` shows names and roles',
    },
    API_ORIGIN: {
      means:
        'A changing request came with the cookie of the console and from a page of another origin, or without saying from which. Answered with 403. Nothing was done.',
      next: 'open the console under the very address it is served at; a proxy before it must hand on the Host header',
    },
    API_REQUEST: {
      means:
        'Parameters or body of a request are not what the API expects; each mistake is listed under `errors`. Answered with 400.',
      next: '/openapi.json of the daemon describes every route, docs/api.md shows examples',
    },
    API_CURSOR: {
      means:
        'The cursor of a list is not one that an earlier page of the same list named as `next`. Answered with 400.',
      next: 'begin again without `after`',
    },
    API_PATH: {
      means: 'The API has no such route. Answered with 404.',
      next: '/openapi.json of the daemon lists the routes',
    },
    API_METHOD: {
      means: 'The route is there, the method is not. Answered with 405; the header Allow names those that are.',
      next: 'use one of the methods in Allow',
    },
    API_TOO_LARGE: {
      means: 'The body of a request is larger than 256 KiB. Answered with 413.',
      next: 'send less at once',
    },
    API_MEDIA_TYPE: {
      means: 'A request has a body that is not JSON. Answered with 415.',
      next: 'send `content-type: application/json`',
    },
    API_RATE: {
      means:
        'More requests came with one token, or from one address without one, than a minute allows. Answered with 429 and Retry-After.',
      next: 'wait as long as Retry-After says; /v1/stream tells of changes without asking',
    },
    API_BUSY: {
      means:
        'What was asked for is done for one caller at a time, or for so many, and they are all served now. Answered with 503.',
      next: 'ask again in a moment',
    },
    API_EVENT: {
      means: 'No stored event has the id: it never was, or retention has removed it. Answered with 404.',
      next: '`ibmi-cdc trace --key` asks the journal itself',
    },
    API_JOURNAL: {
      means: 'The daemon does not read a journal of that name, or has not begun to. Answered with 404.',
      next: 'name one that the message lists',
    },
    API_MAPPING: {
      means:
        'A mapping that was to be tried cannot be used; each mistake is in the message. Nothing was changed. Answered with 400.',
      next: 'correct it: docs/mapping.md has every member; references are not followed in the playground',
    },
    API_IMAGE: {
      means:
        'The record image of an event cannot be shown: the event comes from no journal entry, its receiver is gone, or the rows of its rule are not to be shown. Answered with 404.',
      next: 'the event itself is stored; `ibmi-cdc decode` reads images of your own',
    },
    API_DESTINATION: {
      means: 'The configuration has no such destination. Answered with 404.',
      next: 'name one that the message lists',
    },
    API_METRIC: {
      means: 'The daemon keeps no series of that name. Answered with 404.',
      next: 'docs/reference/metrics.md lists the names; histograms are not kept, their p50 and p95 are',
    },
    API_REPLAY: {
      means: 'There is no replay out of the journal of that number. Answered with 404.',
      next: '/v1/replays lists them',
    },
    API_BACKFILL: {
      means: 'There is no backfill of that number. Answered with 404.',
      next: '/v1/backfills lists them',
    },
    API_RECORD: {
      means: 'The table has no row of that key now, or no rule of the table shows it. Answered with 404.',
      next: 'check the key as events have it: `subject`, or the members of `key` joined by `|`',
    },
    API_REFUSED: {
      means: 'A daemon that was asked with --api gave an answer that this version does not know.',
      next: 'check that --api leads to an ibmi-cdc of the same version, and to no proxy page',
    },
    TOKEN_EXISTS: {
      means: 'There is a token of that name already. A token cannot be shown again.',
      next: 'choose another name, or revoke it first: `ibmi-cdc token revoke NAME`',
    },
    TOKEN_UNKNOWN: { means: 'There is no token of that name.', next: '`ibmi-cdc token list` shows those there are' },
  }),
  ...ofFamily('transport', {
    API_UNREACHABLE: {
      means: 'The daemon that was named with --api does not answer.',
      next: 'check the URL, whether the daemon runs, and `http.host` and `http.port` of its configuration',
    },
  }),
};
