# The publish step is the one that works outside too: dotnet publish src/SmtpProxy -c Release -o DIR
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props .editorconfig global.json appsettings.json ./
COPY src src
RUN dotnet publish src/SmtpProxy -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
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
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9025 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["dotnet", "SmtpProxy.dll"]
