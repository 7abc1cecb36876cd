import { chmodSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServerOfNode, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { type Access, AccessRules } from './access.ts';
import { ClientGone } from './blocking.ts';
import { addControlRoutes } from './control.ts';
import { addEventRoutes } from './events.ts';
import { InTurn } from './in-turn.ts';
import { parseBody } from './json-body.ts';
import { Metrics } from './metrics.ts';
import { HttpError, PROBLEM_TYPE, rawProblem, toProblem } from './problem.ts';
import type { Services } from './services.ts';
import { addStreamRoutes } from './streams.ts';

/** Carries the id under which the log knows a request. */
export const REQUEST_ID_HEADER = 'netmemd-request-id';

declare module 'fastify' {
  interface FastifyRequest {
    access: Access;
  }
}

/** Time that answers in flight have to finish when the daemon stops, before their connections are cut. */
const GRACE_MS = 500;

/** Time in which a client has to take the answer to what could not be parsed, and to go. */
const LINGER_MS = 1000;

/** The HTTP side of the daemon: one Fastify on one http.Server, reached by TCP and by a Unix socket. */
export class HttpServer {
  readonly app: FastifyInstance;
  readonly #services: Services;
  readonly #rules: AccessRules;
  readonly #metrics: Metrics;
  #turns: InTurn | null = null;
  #unix: Server | null = null;
  #ready = false;

  constructor(services: Services) {
    this.#services = services;
    const { http, auth } = services.config;
    this.#rules = new AccessRules(http, auth.tokens);
    this.#metrics = new Metrics(services);
    let requests = 0;
    this.app = fastify({
      loggerInstance: services.logger,
      logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
      genReqId: () => `r${++requests}`,
      bodyLimit: http['body-limit'],
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      routerOptions: { querystringParser: () => ({}) },
      frameworkErrors: (error, request, reply) =>
        this.#sendProblem(error, request as FastifyRequest, reply as FastifyReply),
      serverFactory: (handler) => this.#createServer(handler),
      clientErrorHandler: (error, socket) => {
        if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') socket.destroy();
        else this.#endWith(socket, error);
      },
    }) as unknown as FastifyInstance;
    this.app.server.maxConnections = http['max-connections'];
    this.#configure();
    const routes = new Map<string, string[]>();
    this.app.addHook('onRoute', (route) => {
      const methods = [route.method].flat();
      routes.set(route.url, [...(routes.get(route.url) ?? []), ...methods]);
    });
    this.#addProbes();
    addControlRoutes(this.app, services);
    addStreamRoutes(this.app, services);
    addEventRoutes(this.app, services);
    this.#refuseTheRest(routes);
  }

  #createServer(handler: RequestListener): HttpServerOfNode {
    const { http } = this.#services.config;
    const server = createHttpServer({
      requestTimeout: http['request-timeout-ms'],
      keepAliveTimeout: http['keep-alive-ms'],
      // A request without Host is refused like one with a wrong Host, in our own words.
      requireHostHeader: false,
    });
    this.#turns = new InTurn(handler);
    server.on('request', this.#turns.accept);
    // Whatever is expected besides 100-continue: the hook below refuses it.
    server.on('checkExpectation', this.#turns.accept);
    server.on('connect', (_request, socket) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      this.#endWith(socket, new HttpError(405, ERRORS.wrongMethod, { allow: 'GET, POST' }, 'this server', 'GET, POST'));
    });
    return server;
  }

  /** Ends a connection on which no request could be made out with a problem document. */
  #endWith(socket: Duplex, error: Error): void {
    this.#turns?.end(socket, (answered) => {
      if (!socket.writable) return;
      if (answered) socket.end();
      else socket.end(rawProblem(error));
      const cut = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(cut));
    });
  }

  #configure(): void {
    const { app } = this;
    // Requests and replies are checked and rendered from the specs (src/ynl), never by Fastify's ajv.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => JSON.stringify);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      try {
        done(null, parseBody(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    app.decorateRequest('access', null as unknown as Access); // set by the hook below, before anything reads it
    app.addHook('onRequest', (request, reply, done) => {
      reply.header(REQUEST_ID_HEADER, request.id);
      try {
        request.access = this.#rules.check(request.raw);
        const { expect } = request.headers;
        if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
          throw new HttpError(417, ERRORS.otherStatus, {}, 'Expectation Failed');
        }
        if (request.is404) this.#unknownRoute(request);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
    app.addHook('onResponse', (request, reply, done) => {
      this.#metrics.countRequest(reply.raw.statusCode);
      request.log.debug(
        { method: request.method, url: request.url, status: reply.raw.statusCode, ms: reply.elapsedTime },
        'request',
      );
      done();
    });
    app.setErrorHandler((error, request, reply) => this.#sendProblem(error as FastifyError, request, reply));
  }

  #sendProblem(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
    if (error instanceof ClientGone) {
      reply.hijack();
      reply.raw.destroy();
      return;
    }
    const { body, headers, internal } = toProblem(error, request.id);
    if (internal) request.log.error({ err: error, method: request.method, url: request.url }, 'request failed');
    // What is left of a body that is refused would be taken for the next request.
    if (body.status === 413) reply.header('connection', 'close');
    void reply
      .code(body.status)
      .headers(headers)
      .header('content-type', PROBLEM_TYPE)
      .send(Buffer.from(JSON.stringify(body)));
  }

  #unknownRoute: (request: FastifyRequest) => never = () => {
    throw new HttpError(404, ERRORS.noSuchResource);
  };

  /** Says what is wrong with a request that no route takes: the method, the operation, the family or the path. */
  #refuseTheRest(routes: ReadonlyMap<string, readonly string[]>): void {
    const families = new Set(this.#services.families.map((f) => f.name));
    this.#unknownRoute = (request) => {
      const query = request.url.indexOf('?');
      const path = query < 0 ? request.url : request.url.slice(0, query);
      const allowed = routes.get(path);
      if (allowed !== undefined) {
        const allow = allowed.join(', ');
        throw new HttpError(405, ERRORS.wrongMethod, { allow }, path, allow);
      }
      const m = /^\/v1\/([^/]+)\/[^/]+$/.exec(path);
      if (m !== null && !families.has(m[1])) throw new HttpError(404, ERRORS.noSuchFamily);
      if (m !== null) throw new HttpError(404, ERRORS.noSuchOperation);
      throw new HttpError(404, ERRORS.noSuchResource);
    };
    this.app.setNotFoundHandler((request) => this.#unknownRoute(request));
  }

  #addProbes(): void {
    this.app.get('/livez', (_request, reply) => {
      void reply.type('text/plain').header('cache-control', 'no-store').send('ok\n');
    });
    this.app.get('/readyz', (_request, reply) => {
      if (!this.#ready || this.#services.stopping.aborted) throw new HttpError(503, ERRORS.notReady);
      void reply.type('text/plain').header('cache-control', 'no-store').send('ok\n');
    });
    this.app.get('/metrics', (_request, reply) => {
      void reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(this.#metrics.render());
    });
  }

  /** Opens both ways in; gives back the URL of the TCP one. */
  async listen(socketPath: string | null, socketMode = 0o600): Promise<string> {
    const { http } = this.#services.config;
    await this.app.listen({ host: http.host, port: http.port });
    if (socketPath !== null) await this.#listenUnix(socketPath, socketMode);
    this.#ready = true;
    const { address, port, family } = this.app.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  #listenUnix(path: string, mode: number): Promise<void> {
    // sun_path holds 108 bytes with its NUL; Node would cut the rest off without a word.
    if (Buffer.byteLength(path) > 107)
      throw new Error(`${path}: too long for a Unix socket; choose a shorter --run-dir`);
    const unix = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      this.#rules.trustHost(socket);
      this.app.server.emit('connection', socket);
    });
    this.#unix = unix;
    return new Promise((resolve, reject) => {
      unix.once('error', reject);
      unix.listen(path, () => {
        unix.off('error', reject);
        chmodSync(path, mode);
        resolve();
      });
    });
  }

  /** Lets no more connections in, ends the streams, gives answers in flight a moment, then cuts what is left. */
  async close(): Promise<void> {
    this.#ready = false;
    const unix = this.#unix;
    this.#unix = null;
    const { server } = this.app;
    const tcpClosed = server.listening
      ? new Promise<void>((resolve) => server.close(() => resolve()))
      : Promise.resolve();
    const unixClosed = unix === null ? Promise.resolve() : new Promise<void>((resolve) => unix.close(() => resolve()));
    this.#services.streams.endAll();
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await Promise.all([tcpClosed, unixClosed]);
    clearTimeout(cut);
    this.#metrics.close();
    await this.app.close();
  }
}
