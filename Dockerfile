# docker build --build-arg VERSION=0.1.0 -t smtpproxy .
# The native one, which is ready at once: docker build --target native ...; see docs/performance.md for what it costs.
# Every step works outside a container too; tests take them one by one, and pass a mail through what they made.
# Base images are named by digest, and stay what they are: build/base-images names those of today.
FROM mcr.microsoft.com/dotnet/sdk:10.0.400@sha256:e1ffd2a92ae84c1291bc1b6887501f8af98e6331e7af6d4c8d37168c5e87a64c AS build
WORKDIR /source
# What is restored changes rarely, and this layer with it.
COPY Directory.Build.props Directory.Packages.props global.json nuget.config ./
COPY src/SmtpProxy.Protocol/SmtpProxy.Protocol.csproj src/SmtpProxy.Protocol/
COPY src/SmtpProxy/SmtpProxy.csproj src/SmtpProxy/
RUN dotnet restore src/SmtpProxy -p:_IsPublishing=true
COPY .editorconfig appsettings.json ./
COPY src src
# Empty: that of Directory.Build.props.
ARG VERSION=
# The analyzers have their say in the build of the solution; here they would take most of the time.
RUN dotnet publish src/SmtpProxy -c Release --no-restore -p:RunAnalyzers=false ${VERSION:+-p:Version=$VERSION} -o /app

# The same, compiled beforehand as a whole. Docker builds it only where it is asked for.
FROM mcr.microsoft.com/dotnet/sdk:10.0.400-noble-aot@sha256:2ef30f119199e148cb35fd954ca61eddcf02f2996059f782899d318451ff4967 AS native-build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json nuget.config ./
COPY src/SmtpProxy.Protocol/SmtpProxy.Protocol.csproj src/SmtpProxy.Protocol/
COPY src/SmtpProxy/SmtpProxy.csproj src/SmtpProxy/
RUN dotnet restore src/SmtpProxy -r linux-$(dpkg --print-architecture | sed s/amd64/x64/) -p:PublishAot=true -p:_IsPublishing=true
COPY .editorconfig appsettings.json ./
COPY src src
ARG VERSION=
RUN dotnet publish src/SmtpProxy -c Release --no-restore -r linux-$(dpkg --print-architecture | sed s/amd64/x64/) -p:PublishAot=true \
    -p:RunAnalyzers=false ${VERSION:+-p:Version=$VERSION} -o /app && rm -f /app/*.dbg

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0.11-noble-chiseled@sha256:afd8faf9aca00ee69b44b33631665e654e2423e143b6362dffe52c006cd7c4e6 AS native
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="SmtpProxy" \
      org.opencontainers.image.description="A protocol-aware, transparent TCP proxy for SMTP" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
WORKDIR /app
COPY --from=native-build /app .
ENV ASPNETCORE_HTTP_PORTS= \
    DOTNET_NOLOGO=1 \
    SmtpProxy__Listeners__inbound__Address=0.0.0.0:2525 \
    SmtpProxy__Admin__AllowAnonymous=/healthz,/readyz
EXPOSE 2525 9025
USER $APP_UID
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s \
    CMD ["/app/SmtpProxy", "healthcheck", "--pid", "1"]
ENTRYPOINT ["/app/SmtpProxy"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0.11@sha256:a4556ed033fa96f984bb7a8d348851cb2d36b1281dd2420070045f664fbb5f94
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="SmtpProxy" \
      org.opencontainers.image.description="A protocol-aware, transparent TCP proxy for SMTP" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
WORKDIR /app
COPY --from=build /app .
# Listens for other machines, and therefore does not start without a relay: docker run IMAGE --relay smtp://HOST
# The base image asks web applications to listen on 8080; the only ports here are those of the configuration.
ENV ASPNETCORE_HTTP_PORTS= \
    DOTNET_NOLOGO=1 \
    SmtpProxy__Listeners__inbound__Address=0.0.0.0:2525 \
    SmtpProxy__Admin__AllowAnonymous=/healthz,/readyz
# Mail, and metrics with health. The latter stays on the container's loopback until it is given a token; see docs/configuration.md.
EXPOSE 2525 9025
USER $APP_UID
# Wherever the admin side listens: it is read from the same variables, and from the command line of process 1.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s \
    CMD ["dotnet", "SmtpProxy.dll", "healthcheck", "--pid", "1"]
ENTRYPOINT ["dotnet", "SmtpProxy.dll"]
